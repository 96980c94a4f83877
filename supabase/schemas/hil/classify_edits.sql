-- What common fields are called where the context does not say: {name: field}.
create function hil.field_names(data jsonb, fields jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with common (name, names) as (values
    ('amount', '{amount,sum,total,betrag,summe,montant,somme,importe,monto,cantidad,valor,quantia}'::text[]),
    ('price', '{price,cost,preis,kosten,prix,cout,precio,coste,costo,preco,custo}'),
    ('quantity', '{quantity,count,number,menge,anzahl,quantite,nombre,cantidad,quantidade}'),
    ('date', '{date,day,datum,tag,jour,fecha,dia,data}'),
    ('title', '{title,subject,headline,titel,betreff,titre,objet,titulo,asunto,assunto}'),
    ('discount', '{discount,rabatt,remise,descuento,desconto}'),
    ('currency', '{currency,wahrung,devise,moneda,moeda}'),
    ('recipient', '{recipient,empfanger,destinataire,destinatario}'),
    ('priority', '{priority,prioritat,priorite,prioridad,prioridade}'),
    ('name', '{name,nom,nombre,nome}')
  ), own as (
    select d.key,
      lower(regexp_replace(regexp_replace(d.key, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[_-]+', ' ', 'g'))
        as spoken
    from jsonb_each(case jsonb_typeof(data) when 'object' then data else '{}' end) d
    where jsonb_typeof(d.value) in ('number', 'string', 'boolean')
  ), names as (
    select o.spoken as name, o.key, 1 as rank from own o
    union all
    select hil.folded(n.name), o.key, 2
    from own o
    cross join lateral jsonb_array_elements_text(
      case jsonb_typeof(fields -> o.key)
        when 'array' then fields -> o.key
        when 'string' then jsonb_build_array(fields ->> o.key)
        else '[]'
      end) n (name)
    where n.name is not null
    union all
    -- "due date" is a date too; two dates are neither
    select unnest(c.names), min(o.key), 3
    from own o
    join common c on o.spoken = c.name or o.spoken like '% ' || c.name or o.spoken = any (c.names)
    group by c.name, c.names
    having count(*) = 1
  )
  select coalesce(jsonb_object_agg(n.name, n.key order by n.rank desc), '{}') from names n
$$;
comment on function hil.field_names(jsonb, jsonb) is 'How a reply may call the fields of the data.';

-- The values that a sentence gives to fields of the data: {amount: 40}. A number without a field's name is
-- the only numeric field's. Words are hil.spaced_words(), raw with their case, folded without.
create function hil.read_edits(raw text[], folded text[], quotes text[], data jsonb, fields jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_edits jsonb := jsonb '{}';
  v_names jsonb := hil.field_names(data, fields);
  v_words constant text[] :=
    '{to,is,be,as,at,of,the,should,must,=,only,auf,zu,ist,sein,soll,sollte,als,a,au,est,doit,etre,en,es,de,para,por,sea,ser,seja,e,il,le,la,el,o,and,field,value,just,with,it,instead}'::text[];
  v_from constant text[] := '{from,von,depuis,desde}'::text[];
  v_numbered constant text[] := '{request,order,invoice,case,ticket,number,item,option,bestellung,rechnung,antrag,nummer,commande,demande,facture,numero,pedido,factura,solicitud,fatura,solicitacao}'::text[];
  v_numbers text[];
  v_named boolean := false;
  v_quote int := 0;
  v_last int := cardinality(folded);
  v_key text;
  v_at int;
  v_number numeric;
  v_value text;
  v_i int := 1;
begin
  v_numbers := array(
    select d.key from jsonb_each(case jsonb_typeof(data) when 'object' then data else '{}' end) d
    where jsonb_typeof(d.value) = 'number');
  while v_i <= v_last loop
    v_quote := v_quote + (folded[v_i] = 'quotedtext')::int;
    v_key := null;
    for v_length in reverse 3 .. 1 loop
      v_key := v_names ->> array_to_string(folded[v_i:v_i + v_length - 1], ' ');
      if v_key is not null and v_i + v_length - 1 <= v_last then
        v_at := v_i + v_length;
        exit;
      end if;
    end loop;
    if v_key is null then
      v_i := v_i + 1;
      continue;
    end if;
    v_named := true;
    if folded[v_at] = any (v_from) and hil.read_number(raw[v_at + 1]) is not null then
      v_at := v_at + 2;
    end if;
    while folded[v_at] = any (v_words) loop
      v_at := v_at + 1;
    end loop;
    v_i := greatest(v_at, v_i + 1);
    case jsonb_typeof(data -> v_key)
      when 'number' then
        v_number := hil.read_number(raw[v_at]);
        if v_number is null and v_at > 3 then
          -- 40 as the amount
          select hil.read_number(raw[p]) into v_number
          from generate_series(v_at - 1, greatest(v_at - 5, 1), -1) p
          where hil.read_number(raw[p]) is not null
          limit 1;
        end if;
        if v_number is not null and v_number <> (data ->> v_key)::numeric then
          v_edits := v_edits || jsonb_build_object(v_key, v_number);
        end if;
      when 'boolean' then
        if folded[v_at] = any ('{true,yes,on,ja,wahr,oui,vrai,sii,sim,verdadero,verdadeiro}') then
          v_edits := v_edits || jsonb_build_object(v_key, true);
        elsif folded[v_at] = any ('{false,no,off,nein,falsch,non,faux,nao,falso}') then
          v_edits := v_edits || jsonb_build_object(v_key, false);
        end if;
      else
        if folded[v_at] = 'quotedtext' then
          v_value := quotes[v_quote + 1];
        elsif data ->> v_key !~ '\s' then
          v_value := raw[v_at];
        else
          select string_agg(w.word, ' ' order by w.place) into v_value
          from unnest(raw[v_at:v_at + 7]) with ordinality w (word, place)
          where not exists (
            select from unnest(folded[v_at:v_at + 7]) with ordinality e (word, place)
            where e.place <= w.place
              and e.word = any ('{",",|,|?,and,und,et,y,then,please,bitte,instead,statt}'));
        end if;
        if v_value <> '' and v_value <> data ->> v_key then
          v_edits := v_edits || jsonb_build_object(v_key, btrim(v_value, ' .!"'''));
        end if;
    end case;
  end loop;
  -- the number of an order is no amount
  if not v_named and cardinality(v_numbers) = 1 and not folded && v_numbered then
    -- the number before "instead of" is the new one, and so is the last without it
    select n.number into v_number
    from (
      select hil.read_number(w.word) as number, w.place from unnest(raw) with ordinality w (word, place)
    ) n
    where n.number is not null
      and n.place < coalesce(
        array_position(folded, 'instead'), array_position(folded, 'statt'), array_position(folded, 'lieu'),
        array_position(folded, 'lugar'), array_position(folded, 'vez'), array_position(folded, 'inves'), 1000)
    order by n.place desc
    limit 1;
    if v_number <> (data ->> v_numbers[1])::numeric then
      v_edits := jsonb_build_object(v_numbers[1], v_number);
    end if;
  end if;
  return v_edits;
end
$$;
comment on function hil.read_edits(text[], text[], text[], jsonb, jsonb) is
  'The values that a sentence gives to fields.';
