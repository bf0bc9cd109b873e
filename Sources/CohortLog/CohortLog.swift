// The module CohortLog.
