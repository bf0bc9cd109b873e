internal import CohortModel

// Merging has a literal message for every fault, and each is one of the whole request. The first
// that applies to any item is told:
//
//     no array of objects · more than 50 · an identifier that is none · other or missing keys

extension WriteRequest {
  init(merge body: JSONValue) throws(WireError) {
    let updates = try body.requireArray("merge_updates")
    guard updates.kind == .array, updates.elements.allSatisfy({ $0.kind == .object }) else {
      throw .notObjects("merge_updates")
    }
    guard updates.count <= LedgerState.itemsMax else {
      throw WireError(.tooMany(limit: LedgerState.itemsMax, what: .merges))
    }
    for update in updates.elements {
      for key in Self.mergeKeys {
        if let identifier = update[key], UserName(merging: identifier) == nil {
          throw .mergeIdentifier
        }
      }
    }
    var batch = Batch<MergeUsers>()
    for update in updates.elements {
      guard update.firstUnknownKey(known: Self.mergeKeys) == nil, update.count == 2 else {
        throw .mergeKeys
      }
    }
    try batch.read(updates, "merge_updates") { update throws(ItemFault) in
      guard
        let merge = update[Self.mergeKeys[0]].flatMap(UserName.init(merging:)),
        let keep = update[Self.mergeKeys[1]].flatMap(UserName.init(merging:))
      else { throw ItemFault(WireError.mergeKeys.message) }
      return MergeUsers(merge: merge, keep: keep)
    }
    self = batch.request(.merge, Wish.mergeUsers)
  }

  private static let mergeKeys = ["identifier_to_merge", "identifier_to_keep"]
}

extension UserName {
  /// Reads `{"external_id":"…"}` or `{"user_alias":{…}}`; `nil` for neither and for both.
  fileprivate init?(merging identifier: JSONValue) {
    guard identifier.kind == .object else { return nil }
    switch (identifier.given("external_id"), identifier.given("user_alias")) {
    case (let id?, nil):
      guard let text = id.ownText else { return nil }
      self = .externalID(text)
    case (nil, let object?):
      guard object.kind == .object, let alias = object.alias else { return nil }
      self = .alias(label: alias.label, name: alias.name)
    case (nil, nil), (_?, _?): return nil
    }
  }
}

extension WireError {
  static let mergeIdentifier = WireError(
    400,
    "identifiers must be objects with an 'external_id' property that is a string, or 'user_alias' "
      + "property that is an object")
  static let mergeKeys = WireError(
    400, "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'")
}
