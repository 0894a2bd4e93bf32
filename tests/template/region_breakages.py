"""Mistakes about the region and the account, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import regions

BREAKAGES = [
    Breakage(
        regions.the_warehouse_fits_the_region,
        "a capacity that London does not offer",
        "Resources.WarehouseWorkgroup.Properties.BaseCapacity",
        4,
        "WarehouseWorkgroup",
    ),
    Breakage(
        regions.the_warehouse_fits_the_region,
        "no room to scale",
        "Parameters.MaxCapacity.Default",
        8,
        "WarehouseWorkgroup",
    ),
    Breakage(
        regions.the_warehouse_fits_the_region,
        "two subnets in one zone",
        "Resources.PrivateSubnetC.Properties.AvailabilityZone.Fn::Select.0",
        1,
        "WarehouseWorkgroup",
    ),
    Breakage(
        regions.the_warehouse_fits_the_region,
        "a subnet with three addresses",
        "Resources.PrivateSubnetA.Properties.CidrBlock",
        "10.20.0.0/29",
        "WarehouseWorkgroup",
    ),
    Breakage(
        regions.the_template_refuses_what_a_region_lacks,
        "4 RPU anywhere",
        "Rules.FourRpuAreOfferedHere",
        Gone,
        "Rules: 4 to 8 RPU in eu-west-2",
    ),
    Breakage(
        regions.the_template_refuses_what_a_region_lacks,
        "Ireland forgotten",
        "Rules.FourRpuAreOfferedHere.Assertions.0.Assert.Fn::Contains.0.8",
        "eu-west-3",
        "Rules: 4 to 8 RPU in eu-west-1",
    ),
    Breakage(
        regions.the_template_refuses_what_a_region_lacks,
        "a base capacity above the maximum",
        "Rules.MaxCapacityIsAboveBaseCapacity",
        Gone,
        "Rules: 16 to 8 RPU",
    ),
    Breakage(
        regions.the_template_refuses_what_a_region_lacks,
        "two zones",
        "Rules.RegionHasThreeZones",
        Gone,
        "Rules: 8 to 16 RPU in us-west-1",
    ),
    Breakage(
        regions.the_template_refuses_what_a_region_lacks,
        "a step that AWS does not have",
        "Parameters.MaxCapacity.AllowedValues.0",
        12,
        "Rules: 4 to 12 RPU",
    ),
    Breakage(
        regions.the_alarm_on_compute_follows_the_base_capacity,
        "the seconds of 4 RPU",
        "Parameters.WarehouseSecondsADay.Default",
        57600,
        "WarehouseSecondsAlarm",
    ),
    Breakage(
        regions.the_alarm_on_compute_follows_the_base_capacity,
        "a miscalculated row",
        "Mappings.FourHours",
        {"16": {"RpuSeconds": "115200"}},
        "WarehouseSecondsAlarm",
        {"BaseCapacity": "16", "MaxCapacity": "32"},
    ),
    Breakage(
        regions.a_new_account_has_the_quotas,
        "more functions at once than a new account runs",
        "Resources.LoadFunction.Properties.Events.Transformed.Properties.ScalingConfig.MaximumConcurrency",
        7,
        "concurrent executions",
    ),
    Breakage(
        regions.a_new_account_has_the_quotas,
        "more memory than a new account's functions get",
        "Globals.Function.MemorySize",
        3538,
        "megabytes of a function",
    ),
    Breakage(
        regions.a_new_account_has_the_quotas,
        "a host that a new account could start, but not replace",
        "Resources.GrafanaHost.Properties.InstanceType",
        "t4g.xlarge",
        "vCPUs",
    ),
    *(
        Breakage(
            regions.the_alarm_on_compute_holds_for_both_of_awss_readings,
            mistake,
            f"Resources.WarehouseSecondsAlarm.Properties.{key}",
            value,
            "WarehouseSecondsAlarm",
        )
        for mistake, key, value in (
            ("the busiest half hour", "Statistic", "Maximum"),
            ("a mean, which shrinks with the number of values", "Statistic", "Average"),
            ("an hour's sum for a day's limit", "Period", 3600),
        )
    ),
]
