// Doubles that break on request, and the naive model.
