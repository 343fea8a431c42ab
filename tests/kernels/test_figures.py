"""Figures of code in real kernels: each is shown once, whatever backend the code chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.kernel_runs import Await, ignore

from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from jupyter_assistants.kernels.outputs import images
from jupyter_assistants.kernels.pool import KernelPool

pytestmark = pytest.mark.slow

PLOT = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"
BACKEND = "import matplotlib\nprint(matplotlib.get_backend(), plt.get_fignums())"
SWITCHES = {
    "use": "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT,
    "use after the import": PLOT.replace("fig,", "plt.switch_backend('svg')\nfig,"),
    "switch_backend": "import matplotlib.pyplot as plt\nplt.switch_backend('agg')\n" + PLOT,
    "magic": "%matplotlib agg\n" + PLOT,
    "rcParams": "import matplotlib\nmatplotlib.rcParams['backend'] = 'agg'\n" + PLOT,
    "pandas": "import matplotlib\nmatplotlib.use('Agg')\nimport pandas as pd\n"
    "pd.Series([1, 2]).plot()\nimport matplotlib.pyplot as plt",
    "interactive mode off": "import matplotlib.pyplot as plt\nplt.ioff()\n" + PLOT,
}


@pytest.fixture(scope="module")
def live(wait: Await[Any], kernels: KernelPool, server_kernels: Any) -> Iterator[KernelExecutor]:
    kernel_id = wait(server_kernels.start_kernel())
    yield wait(kernels.open("thread_live", kernel_id=kernel_id))


@pytest.fixture(params=["own", "live"])
def run(
    request: pytest.FixtureRequest, wait: Await[Any], shared: KernelExecutor, live: KernelExecutor
) -> Callable[[str], Result]:
    executor = shared if request.param == "own" else live
    return lambda code: wait(executor.run(code, ignore))


def pictures(result: Result) -> int:
    assert result.status == "ok", result.outputs
    return len(images(result.outputs))


@pytest.mark.parametrize("code", SWITCHES.values(), ids=SWITCHES.keys())
def test_plots_are_shown_and_later_ones_too(run: Callable[[str], Result], code: str) -> None:
    assert pictures(run(code)) == 1
    assert run(BACKEND).outputs[0]["text"].split()[0] in (
        "inline",
        "module://matplotlib_inline.backend_inline",
    )
    assert pictures(run(PLOT + "plt.ion()")) == 1


def test_the_variable_of_the_backend_is_set_back_and_its_plots_are_shown(
    wait: Await[Any], kernels: KernelPool
) -> None:
    own = wait(kernels.open("thread_variable"))
    begin = "import os\nos.environ['MPLBACKEND'] = 'Agg'\n" + PLOT
    assert pictures(wait(own.run(begin, ignore))) == 1
    shown = wait(own.run("import os; print(os.environ['MPLBACKEND'])", ignore))
    assert "inline" in shown.outputs[0]["text"]
    assert pictures(wait(own.run(PLOT, ignore))) == 1


def test_several_figures_are_shown_and_closed(run: Callable[[str], Result]) -> None:
    code = "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT + PLOT.replace("[1, 2]", "[2, 1]")
    assert pictures(run(code)) == 2
    assert run(BACKEND).outputs[0]["text"].split(maxsplit=1)[1] == "[]\n"


def test_the_ledger_says_that_the_backend_was_set_back(
    wait: Await[Any], live: KernelExecutor
) -> None:
    result = wait(live.run(SWITCHES["use"], ignore))
    assert "The code set matplotlib's backend to agg" in str(
        result.changes["note"]
    ).lower().replace("the code", "The code")


@pytest.mark.parametrize(
    ("end", "count"),
    [
        ("fig", 1),
        ("ax.figure", 1),
        ("plt.gcf()", 1),
        ("from IPython.display import display; display(fig)", 1),
        ("plt.show()\nfig", 1),
        ("display(fig)\nfig", 1),
        ("display(fig)\nax.set_title('changed')\nfig", 2),
        ("fig2, ax2 = plt.subplots()\nax2.plot([1, 2])\nfig", 2),
        ("plt.close(fig)", 0),
        ("plt.close(fig)\nfig", 1),
    ],
)
def test_a_figure_is_shown_once(run: Callable[[str], Result], end: str, count: int) -> None:
    assert pictures(run(PLOT + end)) == count


def test_the_same_plot_in_two_steps_is_shown_in_both(run: Callable[[str], Result]) -> None:
    assert [pictures(run(PLOT + "kept = fig")), pictures(run("kept"))] == [1, 1]


def test_a_figure_that_cannot_be_drawn_is_an_error_of_the_code(
    run: Callable[[str], Result],
) -> None:
    result = run("import matplotlib\nmatplotlib.use('Agg')\n" + PLOT + "ax.set_title('$\\\\frac$')")
    assert any(output["output_type"] == "error" for output in result.outputs)
    assert pictures(run(PLOT)) == 1


def test_a_cell_of_the_person_is_left_alone(
    wait: Await[Any], kernels: KernelPool, server_kernels: Any
) -> None:
    """A person who chose Agg keeps it; what the assistant draws is seen all the same."""

    async def chosen() -> list[Any]:
        kernel_id = await server_kernels.start_kernel()
        client = server_kernels.get_kernel(kernel_id).client()
        client.start_channels()
        await client.wait_for_ready()
        mine = "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT
        await client._async_execute_interactive(mine, output_hook=lambda message: None)
        live = await kernels.open("thread_agg", kernel_id=kernel_id)
        other = await live.run(PLOT, ignore)
        backend = await live.run(BACKEND, ignore)
        client.stop_channels()
        return [other, backend]

    other, backend = wait(chosen())
    assert pictures(other) == 1
    assert backend.outputs[0]["text"].lower() == "agg [1]\n"
