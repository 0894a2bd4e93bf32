// Stands for @grafana/ui's style of fonts, which names files of a Grafana server: fonts.css has them.
export const getFontStyles = () => ({});
