// Replaces @grafana/ui's font styles, which refer to files of a Grafana server. See fonts.css.
export const getFontStyles = () => ({});
