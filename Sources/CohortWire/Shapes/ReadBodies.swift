package import CohortModel

/// `POST /users/export/ids`: whose data is wanted.
package struct ExportUsers: Hashable, Sendable {
  /// At most 50.
  package let names: [UserName]

  /// Reads `external_ids` and `user_aliases`, or one `device_id`.
  ///
  /// Public fields: what is unknown is ignored.
  ///
  /// - Throws: ``WireError``; an item of a wrong type spoils the whole request.
  package init(body: JSONValue) throws(WireError) {
    var names: [UserName] = []
    if let ids = body.given("external_ids") {
      guard ids.kind == .array else { throw .notStrings("external_ids") }
      for element in ids.elements {
        guard let id = element.ownText else { throw .notStrings("external_ids") }
        names.append(.externalID(id))
      }
    }
    if let aliases = body.given("user_aliases") {
      guard aliases.kind == .array else { throw .notObjects("user_aliases") }
      for element in aliases.elements {
        guard let alias = element.alias else { throw .notObjects("user_aliases") }
        names.append(.alias(label: alias.label, name: alias.name))
      }
    }
    if let device = body.given("device_id") {
      guard let id = device.ownText else { throw .notA("a string", "device_id") }
      names.append(.device(id))
    }
    guard !names.isEmpty else {
      throw WireError(
        400, "No user is named. Send 'external_ids', 'user_aliases' or one 'device_id'.")
    }
    guard names.count <= LedgerState.itemsMax else {
      throw WireError(.tooMany(limit: LedgerState.itemsMax, what: .externalIDsAndAliases))
    }
    self.names = names
  }
}

/// `POST /segments/preview`: a filter that is not saved.
package struct PreviewSegment: Hashable, Sendable {
  package let filter: NamedFilter
  package let asOf: Moment?

  package init(body: JSONValue) throws(WireError) {
    let fields = try Fields(body, known: ["filter", "as_of"])
    filter = try NamedFilter(json: try fields.require("filter", "a filter"))
    asOf = try fields.moment("as_of")
  }
}
