"""The events of a shop as an AsyncAPI 3.0 document: made from the types of facts, compared, shown as a page."""
