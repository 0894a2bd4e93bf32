// Stands for packages that @grafana/ui loads only when something asks for them, and nothing here does.
module.exports = {};
