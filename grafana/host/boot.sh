#!/usr/bin/env bash
# Runs Grafana as it is published. A timer calls this once a minute, so it does nothing if nothing has changed.
#
# The loader in template.yaml fetches the bucket to /opt/cafe and calls this as root. Facts of the stack are environment
# variables (/etc/cafe/stack.env). RUNTIME_DIRECTORY is in memory: a reboot deletes what is in it, such as the password.
# New boards need no restart, because Grafana reads their folder again by itself.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

published=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
grafana_user=472 # in Grafana's image
# Five minutes. Grafana answers after half a minute; when it first has to fetch its plugins, after two or three.
health_checks=60
seconds_between_checks=5
umask 022

say() {
  echo "cafe-dashboards: $*" >&2
}

install_docker() {
  command -v docker > /dev/null && return
  say "installing Docker"
  dnf install --quiet --assumeyes docker
  systemctl enable --now docker
}

# Without a password Grafana would use its well-known default, so it is not started.
fetch_password() {
  local file=$RUNTIME_DIRECTORY/admin-password
  [[ -s $file ]] && return
  local password
  if ! password=$(aws secretsmanager get-secret-value --region "$AWS_REGION" --secret-id "$PASSWORD_SECRET" \
    --query SecretString --output text) || [[ -z $password ]]; then
    say "the admin password cannot be read: Grafana is not started"
    return 1
  fi
  (umask 077 && printf '%s' "$password" > "$file.new")
  chown "$grafana_user" "$file.new"
  mv "$file.new" "$file"
}

# With a load balancer, Grafana also listens on the private address. The security group accepts only the balancer.
choose_addresses() {
  local also=""
  if [[ $LISTEN_ON == private ]]; then
    local token address
    token=$(curl --silent --fail --max-time 5 --request PUT http://169.254.169.254/latest/api/token \
      --header "X-aws-ec2-metadata-token-ttl-seconds: 60")
    address=$(curl --silent --fail --max-time 5 http://169.254.169.254/latest/meta-data/local-ipv4 \
      --header "X-aws-ec2-metadata-token: $token")
    also="--publish $address:3000:3000"
  fi
  echo "PUBLISH_ALSO=$also" > "$RUNTIME_DIRECTORY/addresses.env"
}

# A digest of everything that Grafana reads only when it starts.
fingerprint() {
  {
    echo "$AWS_REGION $WAREHOUSE_WORKGROUP $WAREHOUSE_DATABASE $METRICS_NAMESPACE"
    echo "$GF_SERVER_ROOT_URL $GF_SECURITY_COOKIE_SECURE"
    cat "$RUNTIME_DIRECTORY/addresses.env" "$published"/host/*
    find "$published/provisioning" -type f -exec sha256sum {} + | sort
  } | sha256sum
}

# A tag can be moved to another image, a digest cannot. Docker fetches by the digest if both are given.
require_digest() {
  [[ $GRAFANA_IMAGE =~ ^[^@]+:[^:/@]+@sha256:[0-9a-f]{64}$ ]] && return
  say "GRAFANA_IMAGE is not NAME:VERSION@sha256:DIGEST but $GRAFANA_IMAGE: this Grafana is not started"
  return 1
}

start_grafana() {
  require_digest
  say "starting $GRAFANA_IMAGE"
  # The image is pulled before the old Grafana is stopped. If that fails, the old one keeps running, and the timer tries
  # again. An image that is present is not pulled, so Grafana starts after a reboot even if the registry is down.
  docker image inspect "$GRAFANA_IMAGE" > /dev/null 2>&1 || docker pull --quiet "$GRAFANA_IMAGE" > /dev/null
  systemctl link --force "$published/host/cafe-grafana.service"
  systemctl daemon-reload
  rm -f "$RUNTIME_DIRECTORY/tidied"
  systemctl restart cafe-grafana
}

# `systemctl restart` returns when the command has begun, before Docker has a container. Until then no container uses
# the image, and until Grafana answers the older image may be needed again.
wait_until_healthy() {
  local image=$1 state
  for ((check = 0; check < health_checks; check++)); do
    state=$(docker container inspect --format '{{.State.Health.Status}} {{.Image}}' cafe-grafana 2> /dev/null) ||
      state="there is no container"
    [[ $state == "healthy $image" ]] && return
    sleep "$seconds_between_checks"
  done
  say "Grafana does not answer ($state). Older images are kept. To see why: journalctl -u cafe-grafana"
  return 1
}

# Not `docker image prune`: it goes by what has a container at that moment, and its `until` by when an image was built.
remove_other_images() {
  local image=$1 repository=${GRAFANA_IMAGE%@*} other
  for other in $(docker image ls --quiet --no-trunc "${repository%:*}" | sort --unique); do
    # Docker refuses to remove an image that a container uses.
    [[ $other == "$image" ]] || docker image rm "$other" > /dev/null || say "$other is kept"
  done
}

main() {
  install_docker
  fetch_password
  choose_addresses
  # shellcheck source=versions.env
  source "$published/host/versions.env"
  local wanted image
  wanted=$(fingerprint)
  if [[ $wanted != "$(cat "$RUNTIME_DIRECTORY/started" 2> /dev/null)" ]] || ! systemctl is-active --quiet cafe-grafana; then
    start_grafana
    echo "$wanted" > "$RUNTIME_DIRECTORY/started"
  fi
  [[ -e $RUNTIME_DIRECTORY/tidied ]] && return
  image=$(docker image inspect --format '{{.Id}}' "$GRAFANA_IMAGE")
  wait_until_healthy "$image"
  remove_other_images "$image"
  touch "$RUNTIME_DIRECTORY/tidied"
  say "Grafana answers"
}

main
