package import CohortModel

/// What a file of a sync says.
///
/// CONTRACT part 5. Paths in it, and the folder in which its commands run, are those of the file.
package struct SyncFile: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    /// Prints CSV or NDJSON; what begins with `{` is NDJSON.
    case command([String])
    case csv(String)
    case ndjson(String)
  }

  package struct Match: Hashable, Sendable {
    package let kind: MatchKind
    /// The column in which the identifier stands.
    package let column: String
  }

  package struct Cohort: Hashable, Sendable {
    package let id: Text
    /// The name to give it; `nil` to update one that is named by somebody else.
    package let name: Text?
  }

  package struct Guard: Hashable, Sendable {
    package var maxRemovedShare: Share?
    package var allowsEmpty = false
  }

  package enum Notify: Hashable, Sendable {
    case webhook(String)
    case command([String])
  }

  /// Names the files of the sync: letters, digits, `.`, `_` and `-`.
  package let name: String
  package let source: Source
  /// The column that names a row in reports.
  package let primaryKey: String
  package let match: Match
  package let destination: DestinationSettings
  package let cohort: Cohort
  /// Whether what leaves the model leaves the cohort.
  package let removesRows: Bool
  package let `guard`: Guard
  package let schedule: Schedule?
  package let notify: Notify?

  package var cohortName: CohortName {
    CohortName(partner: destination.partner, cohortID: cohort.id)
  }
}

/// Where a sync or a forwarding sends to.
package struct DestinationSettings: Hashable, Sendable {
  package let endpoint: Endpoint
  package let partner: Text
  package let partnerAPIKey: SecretSource
  package let dataImportKey: SecretSource
  /// Given only if the destination is a ledger.
  package let readKey: SecretSource?
}

/// The beginning of all addresses of a server, without a slash at its end.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  /// - Returns: `nil` unless it is `http` or `https` with a host, and without user, query and
  ///   fragment, in which keys could hide.
  package init?(_ text: String) {
    guard let colon = text.range(of: "://") else { return nil }
    guard ["http", "https"].contains(text[..<colon.lowerBound].lowercased()) else { return nil }
    let rest = text[colon.upperBound...]
    guard let first = rest.utf8.first, first != UInt8(ascii: "/"), first != UInt8(ascii: ":") else {
      return nil
    }
    let strange: Set<UInt8> = Set("@?#\\\"<>^`{|}".utf8)
    guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !strange.contains($0) }) else {
      return nil
    }
    var kept = text[...]
    while kept.utf8.last == UInt8(ascii: "/") { kept.removeLast() }
    self.text = String(kept)
  }

  package var description: String { text }

  /// Whether keys would travel over a network for everyone to read.
  package var isExposed: Bool {
    guard text.lowercased().hasPrefix("http://") else { return false }
    return PlainAddress(text)?.host.isLoopback != true
  }
}

extension String {
  /// The first place of a short text; the standard library without Foundation has none.
  fileprivate func range(of wanted: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if let end = index(start, offsetBy: wanted.count, limitedBy: endIndex),
        self[start..<end] == wanted
      {
        return start..<end
      }
      start = index(after: start)
    }
    return nil
  }
}

/// A share from 0 to 1, exactly as it was written: 0.3 is three of ten.
package struct Share: Hashable, Sendable, CustomStringConvertible {
  private let numerator: UInt64
  private let denominator: UInt64
  package let description: String

  /// Reads a decimal number with at most nine digits behind its point.
  package init?(_ text: some Collection<UInt8>) {
    var (numerator, denominator): (UInt64, UInt64) = (0, 1)
    var isFraction = false
    guard text.count <= 11 else { return nil }
    for byte in text {
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
        continue
      }
      guard (0x30...0x39).contains(byte) else { return nil }
      numerator = numerator * 10 + UInt64(byte - 0x30)
      if isFraction { denominator *= 10 }
    }
    guard !text.isEmpty, numerator <= denominator else { return nil }
    (self.numerator, self.denominator) = (numerator, denominator)
    description = String(decoding: Array(text), as: UTF8.self)
  }

  /// Whether `part` is more than this share of `whole`.
  package func isExceeded(by part: Int, of whole: Int) -> Bool {
    let left = UInt64(part).multipliedFullWidth(by: denominator)
    let right = UInt64(whole).multipliedFullWidth(by: numerator)
    return (left.high, left.low) > (right.high, right.low)
  }
}
