"""Show a café under another name, without a change of the ids that its first name gave its orders."""

from load.mutex import take_mutex
from load.rules import NameTaken
from load.statements import statement
from load.warehouse import Session


def rename_cafe(written_as: str, name: str, session: Session) -> int:
    """Show the café whose ids come from ``written_as`` under a name; return how many were renamed: 0 before it sold.

    Raises NameTaken if another café is shown under that name: marts tell cafés apart by it.
    """
    take_mutex(session)
    shown = dict(session.execute(statement("cafes/names")))
    if any(shown_name == name and ids_name != written_as for ids_name, shown_name in shown.items()):
        raise NameTaken(name)
    session.execute(statement("cafes/rename"), (name, written_as))
    session.commit()
    return int(written_as in shown)
