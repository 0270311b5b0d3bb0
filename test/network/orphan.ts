import { userInfo } from "node:os";
import { createConnect } from "../../src/remote/connect.ts";
import { realTarget } from "../remote/real_sshd.ts";

/** A process of its own with a connection and a command under way: to be killed. Arguments: port, known_hosts file, key. */
const [port, knownHosts = "", key = ""] = process.argv.slice(2);
const { username: name, homedir: home } = userInfo();
const connection = await createConnect({ name, home })(realTarget({ port: Number(port), knownHosts, key }));
const onOutput = () => console.log("running");
await connection.exec(["sh", "-c", "echo on; exec sleep 30"], { timeout: 60, onOutput });
