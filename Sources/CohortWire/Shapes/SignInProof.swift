package import CohortModel

/// `POST /session`: what somebody signs in to the console with.
package enum SignInProof: Hashable, Sendable {
  /// Of a link that the server has printed.
  case code(Text)
  /// The secret of a REST key.
  case key(Text)

  package init(body: JSONValue) throws(WireError) {
    let fields = try Fields(body, known: ["code", "key"])
    switch (try fields.text("code"), try fields.text("key")) {
    case (let code?, nil): self = .code(code)
    case (nil, let key?): self = .key(key)
    default:
      throw WireError(
        400,
        "One thing is needed to sign in. Send the 'code' of a link, or a 'key', and not both.")
    }
  }
}
