"""Real files from packages: the demo reads each as a call of pandas that was written by hand.

``vega_datasets`` (BSD-3), ``palmerpenguins`` and ``gapminder`` (MIT; the data are CC0) come with the
extra ``test``. The files of ``statsmodels`` and ``scikit-learn`` (BSD-3) are in ``build/datasets``, where
``make test`` puts them without what the packages need to run; elsewhere their tests are skipped.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.demo_thread import DemoThread
from support.paths import ROOT

from jupyter_assistants.data_files import format_of
from jupyter_assistants.models.demo.files import variable_for

pytestmark = pytest.mark.data_files

_S, _K, _V = "statsmodels/datasets/", "sklearn/datasets/data/", "vega_datasets/_data/"
_NUMBERED = "The file has no header line: its columns are numbered."

# Path, arguments of the reader, shape, kinds of the columns (text, int, float, date), the first values,
# and what the answer says of the file.
FILES: list[tuple[str, str, tuple[int, int], str, list[Any], str]] = [
    ('palmerpenguins/data/penguins.csv', '', (344, 8), 'ssffffsi', ['Adelie', 'Torgersen'], ''),
    ('palmerpenguins/data/penguins-raw.csv', '', (344, 17), 'sis{7}ffffsffs', ['PAL0708', 1], ''),
    ('gapminder/gapminder.csv', '', (1704, 6), 'ssifif', ['Afghanistan', 'Asia'], ''),
    (_V + 'airports.csv', '', (3376, 7), 'sssssff', ['00M', 'Thigpen'], 'In state, "NA" counts as missing; it may be a code.'),
    (_V + 'la-riots.csv', '', (63, 11), 'ssfs{6}ff', ['Cesar A.', 'Aguilar'], ''),
    (_V + 'iowa-electricity.csv', '', (51, 3), 'ssi', ['2001-01-01', 'Fossil Fuels'], ''),
    (_V + 'seattle-temps.csv', '', (8759, 2), 'sf', ['2010/01/01 00:00', 39.4], ''),
    (_V + 'sf-temps.csv', '', (8759, 2), 'fs', [47.8, '2010/01/01 00:00:00'], ''),
    (_V + 'stocks.csv', '', (560, 3), 'ssf', ['MSFT', 'Jan 1 2000'], ''),
    (_V + 'us-employment.csv', '', (120, 24), 'si{11}ffffi{8}', ['2006-01-01', 135450], ''),
    (_V + 'anscombe.json', '', (44, 3), 'sif', ['I', 10], ''),
    (_V + 'barley.json', '', (120, 4), 'fsis', [27.0, 'Manchuria'], ''),
    (_V + 'burtin.json', '', (16, 6), 'sfffss', ['Aerobacter aerogenes', 870.0], ''),
    (_V + 'cars.json', '', (406, 9), 'sfiffifss', ['chevrolet chevelle malibu', 18.0], ''),
    (_V + 'crimea.json', '', (24, 4), 'diii', ['1854-04-01', 0], ''),
    (_V + 'driving.json', '', (55, 4), 'siif', ['left', 1956], ''),
    (_V + 'iris.json', '', (150, 5), 'ffffs', [5.1, 3.5], ''),
    (_V + 'ohlc.json', '', (44, 7), 'dffffsf', ['2009-06-01', 28.7], ''),
    (_V + 'wheat.json', '', (52, 3), 'iff', [1565.0, 41.0], ''),
    (_K + 'iris.csv', '', (150, 5), 'ffffi', [5.1, 3.5], 'Some names of columns look like data: "150".'),
    (_K + 'breast_cancer.csv', 'header=None, skiprows=1', (569, 31), 'f{30}i', [17.99, 10.38], 'The first line has 4 cells and the rows have 31: it is skipped, and the columns are numbered.'),
    (_K + 'wine_data.csv', 'header=None, skiprows=1', (178, 14), 'ffffif{7}ii', [14.23, 1.71], 'The first line has 5 cells and the rows have 14: it is skipped, and the columns are numbered.'),
    (_K + 'digits.csv.gz', 'header=None', (1797, 65), 'i{65}', [0, 0], _NUMBERED),
    (_K + 'diabetes_data_raw.csv.gz', 'sep=r"\\s+", header=None', (442, 10), 'iiffiffffi', [59.0, 2.0], _NUMBERED),
    (_K + 'diabetes_target.csv.gz', 'header=None', (442, 1), 'f', [151.0], _NUMBERED),
    (_K + 'linnerud_exercise.csv', 'sep=r"\\s+"', (20, 3), 'iii', [5, 162], ''),
    (_K + 'linnerud_physiological.csv', 'sep=r"\\s+"', (20, 3), 'iii', [191, 36], ''),
    (_S + 'anes96/anes96.csv', 'sep="\\t", quotechar="\'"', (944, 10), 'i{10}', [0, 7], ''),
    (_S + 'anes96/src/anes96.csv', 'sep=r"\\s+"', (944, 11), 'i{11}', [0, 7], ''),
    (_S + 'cancer/cancer.csv', '', (301, 2), 'ii', [1, 445], ''),
    (_S + 'ccard/ccard.csv', '', (72, 5), 'fiffi', [124.98, 38.0], ''),
    (_S + 'china_smoking/china_smoking.csv', '', (8, 5), 'siiii', ['Beijing', 126], ''),
    (_S + 'co2/co2.csv', '', (2284, 2), 'if', [19580329.0, 316.1], ''),
    (_S + 'committee/committee.csv', '', (20, 7), 'si{6}', ['Appropriations', 6], ''),
    (_S + 'copper/copper.csv', '', (25, 7), 'ifffffi', [1951.0, 3173.0], ''),
    (_S + 'copper/src/copper.dat', 'sep=r"\\s+"', (25, 7), 'ifffffi', [1951.0, 3173.0], ''),
    (_S + 'danish_data/data.csv', '', (55, 6), 'sfffff', ['1974Q1', 11.63255], ''),
    (_S + 'elec_equip/elec_equip.csv', '', (257, 2), 'sf', ['Jan-1-1995', 66.19], ''),
    (_S + 'elnino/elnino.csv', '', (61, 13), 'if{12}', [1950.0, 23.11], ''),
    (_S + 'elnino/src/elnino.dat', 'sep=r"\\s+"', (732, 10), 'iif{8}', [1950.0, 1.0], ''),
    (_S + 'fair/fair.csv', '', (6366, 9), 'ifffiiiif', [3.0, 32.0], ''),
    (_S + 'fertility/fertility.csv', '', (219, 58), 'ssssf{54}', ['Aruba', 'ABW'], ''),
    (_S + 'grunfeld/grunfeld.csv', '', (220, 5), 'fffsi', [317.6, 3078.5], ''),
    (_S + 'interest_inflation/E6_jmulti.csv', 'sep=r"\\s+", header=None', (107, 2), 'ff', [-0.003133, 0.083], _NUMBERED),
    (_S + 'longley/longley.csv', '', (16, 8), 'iifiiiii', [1.0, 60323.0], ''),
    (_S + 'macrodata/macrodata.csv', '', (203, 14), 'iif{12}', [1959.0, 1.0], ''),
    (_S + 'macrodata/macrodata.dta', '', (203, 14), 'iif{12}', [1959.0, 1.0], ''),
    (_S + 'macrodata/src/unemp.csv', 'skiprows=9', (203, 5), 'sisff', ['LNS14000000Q', 1959], '6 lines above the header (title or note) are skipped.'),
    (_S + 'modechoice/modechoice.csv', 'sep=";"', (840, 9), 'i{9}', [1, 1], ''),
    (_S + 'nile/nile.csv', '', (100, 2), 'ii', [1871, 1120], ''),
    (_S + 'randhie/randhie.csv', '', (20190, 10), 'ififfffiii', [0.0, 4.61512], ''),
    (_S + 'scotland/scotvote.csv', '', (32, 9), 'sfifififf', ['Aberdeen_City', 60.3], ''),
    (_S + 'scotland/src/scotland_population.csv', 'skiprows=13', (40, 14), 'sf{13}', ['United Kingdom', 242910.0], '13 lines above the header (title or note) are skipped.'),
    (_S + 'spector/spector.csv', 'sep=r"\\s+", quotechar="\'"', (32, 5), 'ifiii', [1.0, 2.66], ''),
    (_S + 'star98/src/star.bi.dat', 'sep=r"\\s+", header=None', (303, 17), 'if{12}iiii', [161119.0, 34.3973], _NUMBERED),
    (_S + 'statecrime/statecrime.csv', '', (51, 8), 'sf{7}', ['Alabama', 459.9], ''),
    (_S + 'strikes/strikes.csv', '', (62, 2), 'if', [7.0, 0.01138], ''),
    (_S + 'sunspots/sunspots.csv', '', (309, 2), 'if', [1700.0, 5.0], ''),
    (_S + 'sunspots/src/sunspots_yearly.dat', 'sep=r"\\s+", header=None', (309, 2), 'if', [1700.0, 5.0], _NUMBERED),
]  # fmt: skip


def path_of(file: str) -> Path:
    """Return where a package keeps a file; skips the test if it is not installed."""
    if (copy := ROOT / "build" / "datasets" / file).exists():
        return copy
    spec = importlib.util.find_spec(file.partition("/")[0])
    for folder in (spec and spec.submodule_search_locations) or []:
        if (found := Path(folder).parent / file).exists():
            return found
    pytest.skip(f"{file.partition('/')[0]} is not installed")


def kinds_of(table: pd.DataFrame) -> str:
    letters = {"i": "i", "u": "i", "f": "f", "M": "d"}
    text = "".join(letters.get(dtype.kind, "s") for dtype in table.dtypes)
    return re.sub(r"(.)\1{5,}", lambda run: f"{run[1]}{{{len(run[0])}}}", text)


def plain_value(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    return str(value)[:10] if isinstance(value, pd.Timestamp) else value


@pytest.mark.parametrize("case", FILES, ids=[case[0] for case in FILES])
def test_a_real_file_is_read_as_by_hand(tmp_path: Path, case: tuple[Any, ...]) -> None:
    file, arguments, shape, kinds, first, remark = case
    source = path_of(file)
    format = format_of(file)
    assert format is not None
    by_hand = eval(
        f"pd.read_{format.reader}(path{', ' * bool(arguments)}{arguments})",
        {"pd": pd, "path": source},
    )
    assert by_hand.shape == shape
    assert kinds_of(by_hand) == kinds
    assert [plain_value(value) for value in by_hand.iloc[0, :2].tolist()] == first

    shutil.copy(source, tmp_path / source.name)
    thread = DemoThread(tmp_path)
    reply = thread.ask("how many rows", source.name)
    assert f"**: {shape[0]}\n" in reply.text
    about = reply.text.partition("\n")[0]
    assert f"{shape[0]} rows, {shape[1]} columns." in about
    assert remark in about if remark else about.endswith("columns.")
    loaded = thread.globals[variable_for(source.name)]
    if loaded.columns[0] == "column_0":
        by_hand = by_hand.add_prefix("column_")
    pd.testing.assert_frame_equal(loaded, by_hand)


def test_forty_real_files_are_compared() -> None:
    assert len({case[0] for case in FILES}) >= 40
