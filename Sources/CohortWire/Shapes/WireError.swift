internal import CohortModel

/// A failure as the outside sees it: a status of HTTP and a message, `{"message":"…"}`.
///
/// Where the contract has a literal message, that is it; all others have two sentences, what is so
/// and what to do about it. What a program may want to read stands beside the message.
package struct WireError: Error, Hashable, Sendable {
  package let status: Int
  package let message: String
  /// Further members of the answer, such as `nearest`.
  package let members: [JSONText.Member]

  package init(_ status: Int, _ message: String, _ members: [JSONText.Member] = []) {
    self.status = status
    self.message = message
    self.members = members
  }

  /// The whole answer.
  package var reply: Reply {
    Reply(status: status) { json in
      json.member("message", message)
      for member in members { json.member(member.key, member.value) }
    }
  }
}

extension WireError: CustomStringConvertible {
  package var description: String { message }
}

// MARK: - What the contract has words for

extension WireError {
  package static let notFound = WireError(404, "Not Found")
  package static let methodNotAllowed = WireError(405, "Method Not Allowed")
  package static let rateLimited = WireError(429, "Rate Limited")
}

// MARK: - What it has none for

extension WireError {
  /// The body is no JSON as the contract has it.
  package init(_ error: JSONError) {
    self.init(400, error.description, [JSONText.Member("offset", .integer(Int64(error.offset)))])
  }

  /// A field has a value of another type.
  static func notA(_ what: String, _ field: String) -> WireError {
    WireError(400, "'\(field)' is not \(what). Send \(what) there.")
  }

  static func missing(_ field: String, _ what: String) -> WireError {
    WireError(400, "'\(field)' is missing. Send \(what).")
  }

  /// A name that nothing has.
  ///
  /// - Parameters:
  ///   - kind: What it should be the name of, such as `field`.
  ///   - name: As it was sent; cut at 64 bytes.
  ///   - known: The names there are.
  /// - Returns: A 400 with the nearest name.
  static func unknown(
    _ kind: String, _ name: some Sequence<UInt8>, known: [String]
  ) -> WireError {
    let given = Array(name.prefix(64))
    let shown = TerminalText.escaped(String(decoding: given, as: UTF8.self))
    guard
      let nearest = NearestText.nearest(to: given, in: known.map { Array($0.utf8) })
        .map({ String(decoding: $0, as: UTF8.self) })
    else {
      return WireError(400, "There is no \(kind) '\(shown)' here. Leave it out.")
    }
    return WireError(
      400,
      "There is no \(kind) '\(shown)'; the nearest is '\(nearest)'. Correct it or leave it out.",
      [JSONText.Member("nearest", .string(nearest))])
  }
}
