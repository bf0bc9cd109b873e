// The module CohortFormat.
