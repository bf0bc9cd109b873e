internal import CohortModel

/// Reads the arrays of a batch, item by item, and remembers where the items stood.
///
/// An item that makes no sense does not spoil the others: it stands among the errors of the
/// answer, with its array and index.
struct Batch<Item> {
  private(set) var items: [Item] = []
  private(set) var layout = BatchLayout()
  /// Of items given, also of those left out.
  var count: Int { layout.places.count + layout.faults.count }

  /// Reads one array.
  ///
  /// - Throws: ``WireError`` if it is no array of objects. What `read` throws is the fault of one
  ///   item.
  mutating func read(
    _ array: JSONValue, _ name: String, _ read: (JSONValue) throws(ItemFault) -> Item
  ) throws(WireError) {
    guard array.kind == .array, array.elements.allSatisfy({ $0.kind == .object }) else {
      throw .notObjects(name)
    }
    readEach(array, name, read)
  }

  /// Reads one array of strings.
  ///
  /// - Throws: ``WireError`` if it is no array.
  mutating func read(
    strings array: JSONValue, _ name: String, _ make: (Text) -> Item
  ) throws(WireError) {
    guard array.kind == .array else { throw .notStrings(name) }
    readEach(array, name) { value throws(ItemFault) in
      guard let text = value.ownText else { throw ItemFault("'\(name)' holds strings only") }
      return make(text)
    }
  }

  private mutating func readEach(
    _ array: JSONValue, _ name: String, _ read: (JSONValue) throws(ItemFault) -> Item
  ) {
    for (index, element) in array.elements.enumerated() {
      let place = BatchLayout.Place(array: name, index: index, order: count)
      do throws(ItemFault) {
        items.append(try read(element))
        layout.places.append(place)
      } catch {
        layout.faults.append(BatchLayout.Fault(place: place, text: error.text))
      }
    }
  }

  /// - Throws: The literal message of the limit if more than `limit` items were given.
  func require(atMost limit: Int, _ what: Refusal.Limited) throws(WireError) {
    guard count <= limit else { throw WireError(.tooMany(limit: limit, what: what)) }
  }

  func request(_ kind: RouteKind, _ wish: ([Item]) -> Wish) -> WriteRequest {
    WriteRequest(kind, .wish(wish(items)), layout)
  }
}

/// What is wrong with one item of a batch.
struct ItemFault: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

extension WireError {
  static func notObjects(_ name: String) -> WireError {
    WireError(400, "'\(name)' must be an array of objects")
  }

  static func notStrings(_ name: String) -> WireError {
    WireError(400, "'\(name)' must be an array of strings")
  }
}

extension JSONValue {
  /// The text of a field of an item; `nil` if it is not given.
  func itemText(_ key: String) throws(ItemFault) -> Text? {
    guard let value = given(key) else { return nil }
    guard let text = value.ownText else { throw ItemFault("'\(key)' must be a string") }
    return text
  }

  func requiredItemText(_ key: String) throws(ItemFault) -> Text {
    guard let text = try itemText(key) else { throw ItemFault("'\(key)' is required") }
    return text
  }

  /// The alias that an item names under `user_alias`; `nil` if it is not given.
  func itemAlias() throws(ItemFault) -> Alias? {
    guard let value = given("user_alias") else { return nil }
    guard let alias = value.alias else { throw ItemFault(Self.aliasFault) }
    return alias
  }

  static let aliasFault =
    "'user_alias' must be an object with the strings 'alias_name' and 'alias_label'"

  /// This object as an alias, whatever else it holds.
  var alias: Alias? {
    guard let name = self["alias_name"]?.ownText, let label = self["alias_label"]?.ownText else {
      return nil
    }
    return Alias(label: label, name: name)
  }
}
