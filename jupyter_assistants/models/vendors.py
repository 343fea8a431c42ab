"""The endpoints that are known by name, as data.

Names of models are not here: they age within weeks, and every endpoint lists its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_assistants.models.api_choice import WireName


@dataclass(frozen=True)
class Vendor:
    """One kind of endpoint.

    Parameters
    ----------
    title
        Its name for people.
    base_url
        Its address; empty where everyone has an own one.
    key_env
        The variable that holds its key; empty for servers that want none.
    url_env
        The variable that holds its address.
    url_path
        What is added to the address in that variable.
    ports
        Where a server on this machine listens that nobody moved.
    """

    title: str
    base_url: str = ""
    key_env: str = ""
    url_env: str = ""
    url_path: str = ""
    ports: tuple[int, ...] = ()
    wire: WireName = "auto"

    @property
    def local(self) -> bool:
        """Return whether it usually runs on the user's own machine."""
        return bool(self.ports)


VENDORS: dict[str, Vendor] = {
    "openai": Vendor("OpenAI", "", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    "azure": Vendor(
        "Azure",
        "",
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_ENDPOINT",
        "/openai/v1/",
        wire="responses",
    ),
    "anthropic": Vendor("Anthropic", "https://api.anthropic.com/v1/", "ANTHROPIC_API_KEY"),
    "gemini": Vendor(
        "Gemini", "https://generativelanguage.googleapis.com/v1beta/openai/", "GEMINI_API_KEY"
    ),
    "mistral": Vendor("Mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "groq": Vendor("Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "together": Vendor("Together", "https://api.together.ai/v1", "TOGETHER_API_KEY"),
    "openrouter": Vendor("OpenRouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "deepseek": Vendor("DeepSeek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "xai": Vendor("xAI", "https://api.x.ai/v1", "XAI_API_KEY"),
    "ollama": Vendor("Ollama", "http://127.0.0.1:11434/v1", ports=(11434,)),
    "lmstudio": Vendor("LM Studio", "http://127.0.0.1:1234/v1", ports=(1234,)),
    "llamacpp": Vendor("llama.cpp", "http://127.0.0.1:8080/v1", ports=(8080, 9931)),
    "vllm": Vendor("vLLM", "http://127.0.0.1:8000/v1", ports=(8000,)),
    "litellm": Vendor("LiteLLM", "http://127.0.0.1:4000/v1", "LITELLM_API_KEY", ports=(4000,)),
}
"""By the name that stands before the slash in ``provider/model``."""
