package import CohortModel
package import CohortWire

/// Who a ledger says is in a cohort.
package struct LedgerMember: Hashable, Sendable {
  package let user: UserID
  package let externalID: [UInt8]?
  package let aliases: [Alias]
  package let deviceIDs: [[UInt8]]

  package init(
    user: UserID, externalID: [UInt8]?, aliases: [Alias] = [], deviceIDs: [[UInt8]] = []
  ) {
    (self.user, self.externalID) = (user, externalID)
    (self.aliases, self.deviceIDs) = (aliases, deviceIDs)
  }
}

/// Why a ledger did not answer a question: two sentences, without keys.
package struct LedgerUnread: Error, Hashable, Sendable {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}

/// What is asked of a destination that is a ledger, with its `read_key`.
package protocol LedgerQuestions: Sendable {
  /// The id of the ledger, from `GET /ledger/status`.
  func ledgerID() throws(LedgerUnread) -> String

  /// Whether the cohort exists now, from `GET /ledger/cohorts/{partner}/{cohort_id}`.
  func exists(_ cohort: CohortName) throws(LedgerUnread) -> Bool

  /// Everybody who is in the cohort now, in order of user number; of a cohort that does not exist,
  /// nobody. Read as NDJSON, so that ten million do not stand in memory as one text.
  func members(
    of cohort: CohortName, _ body: (LedgerMember) -> Void
  ) throws(LedgerUnread)

  /// The user that an identifier names now, deprecated external ids too; `nil` if none.
  func user(_ kind: MatchKind, _ identifier: [UInt8]) throws(LedgerUnread) -> UserID?

  /// Tells the ledger of a run that is over, for its status.
  ///
  /// Whether it hears of it changes nothing.
  func tell(of run: SyncRunReport)

  /// The same endpoint, but nothing is written: every request goes through
  /// `POST /ledger/preview`, and is answered as the write would be.
  var preview: any Destination { get }
}

extension LedgerQuestions {
  package func tell(of run: SyncRunReport) {}
}
