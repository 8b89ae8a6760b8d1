"""Payment cards: freezing them, and answering the card network when one is used."""
