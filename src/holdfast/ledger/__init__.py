"""The books. Other packages use holdfast.ledger.api and nothing else of this package."""
