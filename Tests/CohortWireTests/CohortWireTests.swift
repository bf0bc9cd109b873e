// The tests of CohortWire.
