package import CohortModel

/// Who is signed in to the console.
package struct SessionShape: Sendable {
  package let key: KeyID
  package let label: Text
  package let permissions: Permissions
  /// `nil` for a key that is shown each time.
  package let expiresAt: Instant?
  /// Whether writes are taken at all.
  package let takesWrites: Bool
  package let asOf: AsOfShape

  package init(
    key: KeyID, label: Text, permissions: Permissions, expiresAt: Instant?, takesWrites: Bool,
    asOf: AsOfShape
  ) {
    self.key = key
    self.label = label
    self.permissions = permissions
    self.expiresAt = expiresAt
    self.takesWrites = takesWrites
    self.asOf = asOf
  }
}

extension JSONWriter {
  package mutating func session(_ session: SessionShape) {
    object { json in
      json.asOf(session.asOf)
      json.member("key", session.key.description)
      json.member("label", utf8: session.label.bytes)
      json.permissions(session.permissions)
      json.member("expires_at", session.expiresAt)
      json.member("takes_writes", session.takesWrites)
    }
  }
}
