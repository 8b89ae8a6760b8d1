"""`make bench-import`: a bank's records (the PKDD'99 files) loaded into an empty bank by the command that loads them for good,
from the command to the proved books. FOLDER=… takes real ones; without it a million transactions are made up.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, say

from holdfast.runtime import installing

ROOT = Path(__file__).parents[1]
LIMIT_S = 1200
EACH = 50
"""Transactions of one account."""
FIRST_DAY = date(1993, 1, 1)
HEADERS = {
    "client": "client_id;birth_number;district_id",
    "account": "account_id;district_id;frequency;date",
    "disp": "disp_id;client_id;account_id;type",
    "order": "order_id;account_id;bank_to;account_to;amount;k_symbol",
    "trans": "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account",
    "card": "card_id;disp_id;type;issued",
    "loan": "loan_id;account_id;date;amount;duration;payments;status",
    "district": ";".join(f"A{column}" for column in range(1, 17)),
}


def make_up(folder: Path, transactions: int) -> Path:
    """Files of that form: accounts of one owner each, money in and out in turn, running balances that hold."""
    luck, accounts = random.Random(1), transactions // EACH
    files = {name: (folder / f"{name}.asc").open("w") for name in HEADERS}
    for name, header in HEADERS.items():
        files[name].write(";".join(f'"{word}"' for word in header.split(";")) + "\n")
    for account in range(1, accounts + 1):
        files["client"].write(f'{account};"{luck.randint(40, 79)}0{luck.randint(1, 9)}1{luck.randint(0, 9)}";1\n')
        files["account"].write(f'{account};1;"POPLATEK MESICNE";930101\n')
        files["disp"].write(f'{account};{account};{account};"OWNER"\n')
        balance = 0
        for number in range(EACH):
            inward = number % 2 == 0
            cents = luck.randint(20_000, 40_000) if inward else luck.randint(1_000, 19_000)
            balance += cents if inward else -cents
            day = (FIRST_DAY + timedelta(days=number * 9)).strftime("%y%m%d")
            kind = '"PRIJEM";"VKLAD"' if inward else '"VYDAJ";"VYBER"'
            files["trans"].write(
                f'{account * EACH + number};{account};{day};{kind};{cents / 100:.2f};{balance / 100:.2f};"";;\n'
            )
    for one in files.values():
        one.close()
    return folder


def main() -> int:
    """Import, and tell how fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--transactions", type=int, default=1_000_000)
    parser.add_argument("--port", type=int, default=18500)
    asked = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="holdfast-bench-import-"))
    (data / installing.DEMO_MARK).touch()
    made = Path(tempfile.mkdtemp(prefix="holdfast-bench-records-"))
    try:
        folder = asked.folder or make_up(made, asked.transactions)
        say(f"the records are in {folder}")
        began = time.monotonic()
        command = [ROOT / "holdfast", "import", "berka", folder, "--data", data, "--port", str(asked.port)]
        subprocess.run(command, check=True, timeout=LIMIT_S)
        took = time.monotonic() - began
        count = json.loads((data / "bank" / "import-report.json").read_text())["counts"]["transactions"]
    finally:
        installing.remove_demo(data)
        for one in (data, made):
            shutil.rmtree(one, ignore_errors=True)
    return keep(
        "import",
        [
            Figure("transactions loaded", count, ""),
            Figure("from the command to the loaded and proved bank", took, "s"),
            Figure("a million of them", took * 1_000_000 / max(1, count), "s", "<= 300"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
