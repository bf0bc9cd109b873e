/// Every command there is: help, completion and the reader of arguments know no other.
enum CommandTable {
  static let all: [Subcommand] = [
    .enablePartner, .disablePartner, .listPartners,
    .issueKey, .listKeys, .invalidateKey,
    .importUsers, .applyRequests,
    .importRequests,
    .listCohorts, .archiveCohort, .restoreCohort,
    .members, .diff,
    .demo, .help, .completion,
  ]
}
