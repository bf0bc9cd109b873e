// The tests of CohortFormat.
