"""Series and expressions that the PromQL of the rules is made of."""
