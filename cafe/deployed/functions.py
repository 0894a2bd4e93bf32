"""The stages' functions as they are deployed."""

from cafe.deployed.environment import STAGES, Environment
from cafe.local.sam_local import DeployedFunction


def deployed_function(environment: Environment, stage: str) -> DeployedFunction:
    """Look up one stage's function: its settings, and its variables with all references resolved."""
    deployed = environment.client("lambda").get_function_configuration(
        FunctionName=environment.fact(f"{stage}/function/name")
    )
    return DeployedFunction(
        stage=stage,
        runtime=deployed["Runtime"],
        handler=deployed["Handler"],
        timeout_seconds=deployed["Timeout"],
        memory_mb=deployed["MemorySize"],
        variables=deployed["Environment"]["Variables"],
    )


def deployed_functions(environment: Environment) -> list[DeployedFunction]:
    """Look up the functions of all stages."""
    return [deployed_function(environment, stage) for stage in STAGES]
