// The tests of CohortModel.
