"""Makes the files of this folder by the libraries that people write their data with, and says what these read of them.

Needs pandas, pyarrow, datasets, zstandard and trl; all texts are made up here.
"""
import json
import random

import pandas
import pyarrow
import pyarrow.parquet
import zstandard
from trl.data_utils import extract_prompt

ROWS = [
    {"prompt": "Say hi, please", "chosen": " Hi, \"you\"!", "rejected": " No\nway", "margin": 1.5},
    {"prompt": "é 😀; tab\there", "chosen": " ünï", "rejected": " plain", "margin": None},
    {"prompt": "  spaces  ", "chosen": " 1", "rejected": " 'x'", "margin": -2e-3},
    {"prompt": "carriage\r\nreturn", "chosen": " a,b;c", "rejected": "\"", "margin": 0.0},
]


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


CHATS = [
    {"chosen": [user("Hi"), assistant("Hello")], "rejected": [user("Hi"), assistant("Go")], "score_chosen": 8.5,
     "score_rejected": 6.0},
    {"chosen": [user("a"), assistant("b"), user("c"), assistant("d")],
     "rejected": [user("a"), assistant("b"), user("c"), assistant("é")], "score_chosen": 5.0, "score_rejected": 4.5},
]

frame = pandas.DataFrame(ROWS)
frame.to_csv("pandas.csv", index=False)
frame.to_csv("pandas_index.csv")
frame.to_csv("pandas.tsv", index=False, sep="\t")
frame.to_csv("semicolons.csv", index=False, sep=";", encoding="utf-16")
frame.to_csv("pandas.csv.zst", index=False)
frame.to_json("pandas.jsonl.zst", orient="records", lines=True)
frame.to_json("pretty.json", orient="records", indent=2)
frame.to_json("pandas.jsonl.zip", orient="records", lines=True)
frame.to_parquet("pandas.parquet", index=False)
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(CHATS), "chats.parquet", compression="zstd")

with open("rows.json", "w") as out:
    read = pandas.read_csv("pandas.csv", keep_default_na=True)
    rows = [{k: (None if v != v else v) for k, v in row.items()} for row in read.to_dict("records")]
    assert rows == ROWS, rows
    json.dump(rows, out, indent=1)

random.seed(5)
words = ["a", "b", " ", "  ", "\n", "é", "😀", "Q:", " A:"]
cases = []
for i in range(300):
    head = "".join(random.choices(words, k=random.randint(0, 6)))
    pair = [head + "".join(random.choices(words, k=random.randint(1, 4))) for _ in range(2)]
    made = extract_prompt({"chosen": pair[0], "rejected": pair[1]})
    if pair[0] != pair[1]:
        cases.append({"of": pair, "is": [made["prompt"], made["chosen"], made["rejected"]]})
with open("implicit.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")

with open("two_frames.jsonl.zst", "wb") as out:
    packer = zstandard.ZstdCompressor(level=3)
    for row in ROWS[:2]:
        out.write(packer.compress((json.dumps(row) + "\n").encode()))
