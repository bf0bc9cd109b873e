// The tests of CohortLedger.
