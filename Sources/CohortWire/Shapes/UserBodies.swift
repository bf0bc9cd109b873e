internal import CohortModel

// Batches about users. CONTRACT part 2. Public fields: what is unknown is ignored, but for
// `/users/delete`, where an ignored field would pass for a deletion.

extension WriteRequest {
  init(track body: JSONValue) throws(WireError) {
    var batch = Batch<TrackItem>()
    var ignored = IgnoredFields()
    if let attributes = body.given("attributes") {
      try batch.read(attributes, "attributes") { item throws(ItemFault) in
        ignored.note(item)
        return try TrackItem(item)
      }
    }
    try batch.require(atMost: LedgerState.trackItemsMax, .track)
    var isMore = false
    for key in ["events", "purchases"] {
      guard let value = body.given(key) else { continue }
      guard value.kind == .array else { throw .notObjects(key) }
      guard value.count <= LedgerState.trackItemsMax else {
        throw WireError(.tooMany(limit: LedgerState.trackItemsMax, what: .track))
      }
      if value.count > 0 {
        ignored.note(Text(key))
        isMore = true
      }
    }
    // Events and purchases are valid data, only not of ours.
    if batch.items.isEmpty, !(isMore && batch.count == 0) { throw WireError(.noValidItem) }
    var layout = batch.layout
    layout.ignored = ignored.names
    self.init(
      .track, batch.items.isEmpty ? .nothing : .wish(.trackUsers(batch.items)), layout)
  }

  init(addAliases body: JSONValue) throws(WireError) {
    var batch = Batch<AddAlias>()
    try batch.read(body.requireArray("user_aliases"), "user_aliases") { item throws(ItemFault) in
      AddAlias(
        externalID: try item.itemText("external_id"),
        alias: Alias(
          label: try item.requiredItemText("alias_label"),
          name: try item.requiredItemText("alias_name")))
    }
    try batch.require(atMost: LedgerState.itemsMax, .externalIDsAndAliases)
    self = batch.request(.addAliases, Wish.addAliases)
  }

  init(updateAliases body: JSONValue) throws(WireError) {
    var batch = Batch<UpdateAlias>()
    try batch.read(body.requireArray("alias_updates"), "alias_updates") {
      item throws(ItemFault) in
      UpdateAlias(
        label: try item.requiredItemText("alias_label"),
        oldName: try item.requiredItemText("old_alias_name"),
        newName: try item.requiredItemText("new_alias_name"))
    }
    try batch.require(atMost: LedgerState.itemsMax, .externalIDsAndAliases)
    self = batch.request(.updateAliases, Wish.updateAliases)
  }

  init(identify body: JSONValue) throws(WireError) {
    var batch = Batch<IdentifyUser>()
    let (aliases, devices) = (
      body.given("aliases_to_identify"), body.given("devices_to_identify")
    )
    guard aliases != nil || devices != nil else { throw .notObjects("aliases_to_identify") }
    if let aliases {
      try batch.read(aliases, "aliases_to_identify") { item throws(ItemFault) in
        let externalID = try item.requiredItemText("external_id")
        guard let alias = try item.itemAlias() else { throw ItemFault(JSONValue.aliasFault) }
        return IdentifyUser(externalID: externalID, user: .alias(alias))
      }
    }
    if let devices {
      try batch.read(devices, "devices_to_identify") { item throws(ItemFault) in
        IdentifyUser(
          externalID: try item.requiredItemText("external_id"),
          user: .device(try item.requiredItemText("device_id")))
      }
    }
    try batch.require(atMost: LedgerState.itemsMax, .externalIDsAndAliases)
    self = batch.request(.identify, Wish.identifyUsers)
  }

  init(renameExternalIDs body: JSONValue) throws(WireError) {
    var batch = Batch<RenameExternalID>()
    try batch.read(body.requireArray("external_id_renames"), "external_id_renames") {
      item throws(ItemFault) in
      RenameExternalID(
        current: try item.requiredItemText("current_external_id"),
        new: try item.requiredItemText("new_external_id"))
    }
    try batch.require(atMost: LedgerState.itemsMax, .ids)
    self = batch.request(.renameExternalIDs, Wish.renameExternalIDs)
  }

  init(removeExternalIDs body: JSONValue) throws(WireError) {
    var batch = Batch<Text>()
    guard let ids = body.given("external_ids") else {
      throw .notStrings("external_ids")
    }
    try batch.read(strings: ids, "external_ids") { $0 }
    try batch.require(atMost: LedgerState.itemsMax, .ids)
    self = batch.request(.removeExternalIDs, Wish.removeExternalIDs)
  }

  init(deleteUsers body: JSONValue) throws(WireError) {
    let fields = try Fields(body, known: ["external_ids", "user_aliases", "erase"])
    var batch = Batch<UserName>()
    try batch.readUsers(fields)
    try batch.require(atMost: LedgerState.itemsMax, .externalIDsAndAliases)
    let erase = try fields.bool("erase") ?? false
    self.init(
      .deleteUsers,
      erase ? .deleteAndErase(batch.items) : .wish(.deleteUsers(batch.items, erase: nil)),
      batch.layout)
  }
}

extension Batch<UserName> {
  /// Reads `external_ids` and `user_aliases`, of which one must be there.
  ///
  /// - Throws: ``WireError``; for an alias with an unknown field too.
  mutating func readUsers(_ fields: Fields) throws(WireError) {
    let (ids, aliases) = (fields["external_ids"], fields["user_aliases"])
    guard ids != nil || aliases != nil else {
      throw WireError(400, "No user is named. Send 'external_ids' or 'user_aliases'.")
    }
    if let ids { try read(strings: ids, "external_ids", UserName.externalID) }
    if let aliases {
      try read(aliases, "user_aliases") { item throws(ItemFault) in
        .alias(
          label: try item.requiredItemText("alias_label"),
          name: try item.requiredItemText("alias_name"))
      }
      for (index, item) in aliases.elements.enumerated() {
        _ = try Fields(
          item, at: "user_aliases[\(index)]", known: ["alias_name", "alias_label"])
      }
    }
  }
}

extension JSONValue {
  /// An array that a batch cannot do without; its type is checked when it is read.
  func requireArray(_ name: String) throws(WireError) -> JSONValue {
    guard let array = given(name) else { throw .notObjects(name) }
    return array
  }
}

extension TrackItem {
  /// What an item can say of which user is meant.
  static let identifierKeys = [
    "external_id", "user_alias", "device_id", "_update_existing_only",
  ]

  init(_ item: JSONValue) throws(ItemFault) {
    let updateExistingOnly: Bool?
    if let value = item.given("_update_existing_only") {
      guard let bool = value.bool else {
        throw ItemFault("'_update_existing_only' must be true or false")
      }
      updateExistingOnly = bool
    } else {
      updateExistingOnly = nil
    }
    self.init(
      externalID: try item.itemText("external_id"), alias: try item.itemAlias(),
      device: try item.itemText("device_id"), updateExistingOnly: updateExistingOnly,
      hasUnsupportedIdentifier: ["braze_id", "email", "phone"].contains {
        item.given($0) != nil
      })
  }
}

/// The fields of attributes objects that are not stored, each once, in the order of the body.
private struct IgnoredFields {
  private(set) var names: [Text] = []
  private var seen: Set<Text> = []

  mutating func note(_ key: Text) {
    if seen.insert(key).inserted { names.append(key) }
  }

  mutating func note(_ item: JSONValue) {
    for (key, _) in item.members {
      let name = item.bytes[key]
      guard !TrackItem.identifierKeys.contains(where: { name.elementsEqual($0.utf8) }) else {
        continue
      }
      note(Text(bytes: Array(name)))
    }
  }
}
