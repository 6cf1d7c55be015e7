"""`venue journal key`: the public key of the publisher's seals.

Parses, calls, prints.
"""

import typer

from venue.bus.seals import Sealer
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse
from venue.cli.records.recorded import refusing
from venue.data_directory import DataDirectory


def key(context: typer.Context, data_dir: DataDirOption = None, json: JsonOption = False) -> None:
    """Print the public key with which the publisher seals what it publishes, for the
    nats.publisher_key of a consumer away from this machine.

    Examples:

        venue journal key

        venue journal key --json
    """
    file = DataDirectory(data_dir_of(context, data_dir)).publisher_key
    if not file.exists():
        refuse(f"there is no {file}: set nats.seal = true and start the publisher again")
    with refusing():
        told = Sealer(file).public_key
    if json:
        print_json({"publisher_key": told})
    else:
        print(told)
