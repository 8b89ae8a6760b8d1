"""What a customer's question is about. It answers nothing; standard library only."""

from pathlib import Path

from holdfast.control.helper.understanding import BadModel, Model, Understood, read_model

MODEL = Path(__file__).parent / "intents.model"
"""Trained on BANKING77 (MODEL.md)."""

__all__ = ["MODEL", "BadModel", "Model", "Understood", "read_model"]
