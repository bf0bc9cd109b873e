// The module CohortWire.
