"""Whole journeys of test customers, all day long, measured step by step as a customer would feel them."""
