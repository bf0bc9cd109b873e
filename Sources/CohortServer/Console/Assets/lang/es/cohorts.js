// Cohorts: the list, and one cohort over time.
export default {
};
