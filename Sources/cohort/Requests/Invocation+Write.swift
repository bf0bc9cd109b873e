import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Invocation {
  /// Carries out a write that the contract knows, told by its path and its body.
  ///
  /// With `--json` the answer of the contract is printed; else `show` says what there is to say.
  func write(
    _ path: String, _ body: JSONText, _ show: (CarriedOut) throws -> Void
  ) throws -> ExitCode {
    try write(path, body.bytes, show)
  }

  /// The same for a body that somebody else has written.
  func write(
    _ path: String, _ body: [UInt8], _ show: (CarriedOut) throws -> Void
  ) throws -> ExitCode {
    let request = try WriteRequest(
      Routes.find(.post, path).get(), body: JSONValue(body: body))
    return try writing { ledger in
      let done = try ledger.carryOut(request)
      do {
        if wantsJSON {
          try console.line(done.reply.body)
          if done.secret != nil { try console.flush() }
        } else {
          try show(done)
        }
      } catch {
        guard done.secret != nil, let key = done.committed.answer.key else { throw error }
        throw ledger.withdraw(key)
      }
      return .done
    }
  }
}

extension Console {
  /// Prints what is shown only once, so that it is known whether it was.
  func secret(_ text: [UInt8]) throws {
    try line(text)
    try flush()
  }
}

extension Ledger {
  /// Ends a key at once whose secret could not be shown: a live key that nobody has seen can only
  /// do harm.
  ///
  /// - Returns: What to say.
  fileprivate func withdraw(_ key: KeyID) -> Failure {
    let unseen = "Standard output cannot be written, so nobody has seen the secret of \(key)"
    do throws(LedgerError) {
      let done = try submit(Command(author: .local, wish: .invalidateKey(key)))
      return Failure(
        .storage,
        "\(unseen), and it was invalidated at once (\(done.position)). "
          + "Send standard output somewhere else, then make another key.")
    } catch {
      return Failure(
        .storage,
        "\(unseen), and it is still live. End it with 'cohort keys invalidate \(key)'; "
          + "for now that failed: \(error.description)")
    }
  }
}

extension Answer {
  /// The key that was made.
  fileprivate var key: KeyID? {
    switch self {
    case .issuedKey(let key): key
    case .enabledPartner(_, let key): key
    default: nil
    }
  }
}

extension [UInt8] {
  /// The text as one segment of a path (RFC 3986, section 2.1).
  var asPathSegment: String {
    var segment = ""
    for byte in self {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        segment.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        segment += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return segment
  }
}

extension CohortName {
  /// As it stands in paths of the ledger.
  var pathSegments: String { "\(partner.bytes.asPathSegment)/\(cohortID.bytes.asPathSegment)" }
}

extension JSONText {
  /// An object without the members that are `nil`.
  static func object(leavingOut members: [(String, JSONText?)]) -> JSONText {
    .object(members.compactMap { key, value in value.map { Member(key, $0) } })
  }
}
