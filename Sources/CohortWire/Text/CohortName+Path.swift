package import CohortModel

/// How a cohort is named on a command line: `partner/cohort_id`.
///
/// The partner ends at the first slash; further slashes belong to the cohort id.
extension CohortName {
  /// - Throws: ``SelectorError`` unless the partner is 1 to 64 of `a`-`z`, `0`-`9`, `_`, `-` and
  ///   the cohort id 1 to 1,024 bytes without U+0000.
  package init(path text: [UInt8]) throws(SelectorError) {
    let parts = text.split(
      separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isPartner(parts[0]), Self.isCohortID(parts[1]) else {
      throw .notACohort(String(decoding: text, as: UTF8.self))
    }
    self.init(
      partner: Text(bytes: Array(parts[0])), cohortID: Text(bytes: Array(parts[1])))
  }

  package init(path text: String) throws(SelectorError) {
    try self.init(path: Array(text.utf8))
  }

  package static func isPartner(_ text: ArraySlice<UInt8>) -> Bool {
    (1...64).contains(text.count)
      && text.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  package static func isCohortID(_ text: ArraySlice<UInt8>) -> Bool {
    (1...1024).contains(text.count) && !text.contains(0)
  }

  /// The name in one text, still to be escaped for the terminal.
  package var path: [UInt8] { partner.bytes + [UInt8(ascii: "/")] + cohortID.bytes }
}
