// Segments.
export default {
  "segments.partnerCohorts": "{partner} Cohorts (cohortes de {partner})",
  "segments.noneFit": "Nada coincide",
  "segments.optionsFound": { one: "{n} resultado", many: "{n} de resultados", other: "{n} resultados" },
  "segments.leaf.includes": "{filter}: en {cohorts}",
  "segments.leaf.excludes": "{filter}: no en {cohorts}",
  "segments.leaf.segment": "Pertenencia a segmento: en {segment}",
  "segments.leaf.entered": "{filter}: entró en {cohort} hace {period} como máximo",
  "segments.leaf.left": "{filter}: salió de {cohort} hace {period} como máximo",
  "segments.leaf.member_for": "{filter}: en {cohort} desde hace al menos {period}",
  "segments.leaf.member_as_of": "{filter}: estaba en {cohort} en {moment}",
  "segments.group.and": "Todo esto",
  "segments.group.or": "Alguno de estos",
  "segments.group.not": "Ninguno de estos",
};
