"""Mistakes that mix the metrics of two environments, and the rule that must notice each."""

from template.breakage import Breakage
from template.metrics import OUR_NAMESPACE
from template.rules import environments
from template.stack import read_source

DASHBOARD = read_source()["Resources"]["OperationsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]

BREAKAGES = [
    Breakage(
        environments.functions_publish_metrics_of_their_environment,
        "one namespace for all environments",
        "Globals.Function.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE",
        "Cafe",
        "LoadFunction",
    ),
    Breakage(
        environments.alarms_read_metrics_of_their_environment,
        "an alarm on the metrics of all environments",
        "Resources.ConservationAlarm.Properties.Namespace",
        "Cafe",
        "ConservationAlarm",
    ),
    Breakage(
        environments.alarms_read_metrics_of_their_environment,
        "an alarm on the metrics of dev, also in prod",
        "Resources.LoadOverdueAlarm.Properties.Namespace",
        "Cafe/dev",
        "LoadOverdueAlarm",
    ),
    Breakage(
        environments.dashboards_show_metrics_of_their_environment,
        "a line of the dashboard with the metrics of all environments",
        "Resources.OperationsDashboard.Properties.DashboardBody",
        {"Fn::Sub": DASHBOARD.replace(OUR_NAMESPACE, "Cafe", 1)},
        "OperationsDashboard",
    ),
]
