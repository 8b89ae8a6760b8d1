"""The room where two people agree: proposals, approvals, and what one person did alone, to be reviewed."""
