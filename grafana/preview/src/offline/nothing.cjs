// Replaces packages that @grafana/ui loads on demand and this page never needs.
module.exports = {};
