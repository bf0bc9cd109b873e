// Segments.
export default {
  "segments.partnerCohorts": "{partner} Cohorts (cohortes {partner})",
  "segments.noneFit": "Rien ne correspond",
  "segments.optionsFound": { one: "{n} résultat", many: "{n} de résultats", other: "{n} résultats" },
  "segments.leaf.includes": "{filter} : dans {cohorts}",
  "segments.leaf.excludes": "{filter} : pas dans {cohorts}",
  "segments.leaf.segment": "Appartenance à un segment : dans {segment}",
  "segments.leaf.entered": "{filter} : entré dans {cohort} il y a {period} au plus",
  "segments.leaf.left": "{filter} : sorti de {cohort} il y a {period} au plus",
  "segments.leaf.member_for": "{filter} : dans {cohort} depuis au moins {period}",
  "segments.leaf.member_as_of": "{filter} : était dans {cohort} à {moment}",
  "segments.group.and": "Tous ceux-ci",
  "segments.group.or": "Au moins un de ceux-ci",
  "segments.group.not": "Aucun de ceux-ci",
};
