import CohortLedger
import Glibc

/// One command that a server carries out for a terminal.
struct ControlledCommand {
  private let server: ControlServer
  private let number: Int

  init(_ server: ControlServer, _ number: Int) { (self.server, self.number) = (server, number) }

  /// Receives the command and runs it.
  ///
  /// When this returns, the caller's descriptors are let go: whoever reads its output sees the end.
  ///
  /// - Returns: `nil` if the caller asked for nothing.
  func carryOut(_ connection: ControlSocket) -> ControlReply? {
    guard let peer = connection.peer, peer.user == geteuid() || peer.user == 0 else {
      return ControlReply(Self.otherUser)
    }
    guard let (body, descriptors) = try? connection.receive() else { return nil }
    guard let version = ControlRequest.version(of: body), version == Version.text else {
      return ControlReply(Self.otherVersion(ControlRequest.version(of: body)))
    }
    guard let request = ControlRequest(body: body),
      request.descriptorCount == descriptors.count
    else { return ControlReply(Self.malformed) }
    var files: [String: Result<OwnedDescriptor, SystemReason>] = [:]
    var opened = descriptors.dropFirst(3)
    for file in request.files {
      files[file.name] =
        file.reason == 0
        ? opened.popFirst().map { .success($0) } : .failure(SystemReason(file.reason))
    }
    let caller = Caller(connection, in: request.folder, files) { [server, number] in
      server.follows(number)
    }
    let console = Console(
      input: descriptors[0].number, output: descriptors[1].number, error: descriptors[2].number,
      caller: caller)
    let place = Place.server(server.ledger, folder: server.folder, server.sessions)
    let code = Terminal(console, place).carryOut(request.words)
    return withExtendedLifetime(descriptors) { ControlReply(code) }
  }

  static let otherUser = Failure(
    .storage,
    "The server runs as another user. Run the command as that user, or as root.")

  static func otherVersion(_ version: String?) -> Failure {
    Failure(
      .storage,
      "The server is release \(Version.text), and this program is \(version ?? "another"). "
        + "Use that release, or restart the server with this one.")
  }

  static let malformed = Failure(
    .storage,
    "The server does not understand what this program asks. "
      + "Use the program that the server was started with.")
}
