// The tests of CohortLog.
