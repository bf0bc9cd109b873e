// The module CohortLedger.
