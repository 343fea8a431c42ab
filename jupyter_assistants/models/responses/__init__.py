"""Responses, the API that current models of OpenAI need to call functions while they reason."""
