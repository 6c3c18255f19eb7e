// Apollo Gateway over the shop, one process: `node apollo.mjs SUPERGRAPH`, beside its packages.
import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const supergraphSdl = readFileSync(process.argv[2], "utf8");
const gateway = new ApolloGateway({ supergraphSdl });
const server = new ApolloServer({ gateway, introspection: false });
const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
console.log(`Ready at ${url}`);
