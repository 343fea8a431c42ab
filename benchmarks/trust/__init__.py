"""Attack campaigns: what a hostile model, file, neighbour or crash can do, counted.

``make trust`` runs all of them and prints one table. Each module has one campaign; the tests of
``tests/trust`` run a small version of each.
"""

from benchmarks import figures as figures  # puts tests/ on the path: campaigns use its servers
