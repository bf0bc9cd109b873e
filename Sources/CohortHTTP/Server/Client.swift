/// A connection with its socket, as a loop has it.
final class Client {
  let id: ClientID
  let socket: Socket
  var connection: Connection
  /// Whether a read may bring something.
  var isReadable = false
  var isWritable = true
  /// Whether the end of the peer's half is known to lie behind what can be read.
  var isEnding = false
  var isClosed = false
  /// Whether it waits for its next share of the loop.
  var isQueued = false
  /// What it has been counted with, of the bytes that all hold.
  var held = 0
  /// In microseconds: the deadline it has in the heap.
  var alarm = Int64.max

  init(_ id: ClientID, _ descriptor: Int32, _ connection: Connection) {
    self.id = id
    self.socket = Socket(descriptor)
    self.connection = connection
  }
}
