"""Codes of two letters: countries and continents, among which NA stands for a place."""

from __future__ import annotations

import re

_PLACES = (
    "AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS "
    "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG "
    "EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN "
    "HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK "
    "LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF "
    "NG NI NL NO NP NR NU NZ OC OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC "
    "SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
    "TZ UA UG UK UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
PLACES = frozenset(_PLACES.split())
"""The countries of ISO 3166, with EU, UK and XK, and the continents."""
_STATES = (
    "AL AK AS AZ AR CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC ND NE NH "
    "NJ NM NV NY OH OK OR PA PR PW RI SC SD TN TX UM UT VA VI VT WA WI WV WY FM MH"
)
STATES = frozenset(_STATES.split())
"""The postal codes of the United States. Where all values are among them, NA is none."""
_NAME = re.compile(
    r"countr|land|nation|continent|iso[ _-]?(?:2|3166|a2|code)|nuts|geo", re.IGNORECASE
)


def is_name_of_places(name: str) -> bool:
    """Return whether the name of a column says that it holds countries or continents."""
    return bool(_NAME.search(name[:100]))
